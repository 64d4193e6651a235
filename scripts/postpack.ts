import { renameSync, rmSync } from 'node:fs'

/** After `npm pack`: package.json as it stands in the repository. */
renameSync('package.json.source', 'package.json')
rmSync('LICENSE', { force: true })
