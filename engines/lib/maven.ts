import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installPackages } from './apt.ts'
import { type Folders, makeFolder, versionedName } from './folders.ts'
import { withLock } from './lock.ts'
import { findProgram, run } from './run.ts'

/** In full, so that a network that cannot be reached is what Maven complains of. */
const copyJars = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** Folder in the cache that holds the jars of a pom. */
export function jarFolder({ cache }: Folders, name: string, version: string, pom: string): string {
  return join(cache, versionedName(name, version, [readFileSync(pom, 'utf8')]))
}

/** Fetches the jars that a pom names, with all they run on, unless they lie in the cache. */
export async function fetchJars(folders: Folders, folder: string, pom: string): Promise<void> {
  await installPackages(folders, ['openjdk-17-jre-headless'], () => findProgram('java') !== undefined)
  if (existsSync(folder)) return
  await installPackages(folders, ['maven'], () => findProgram('mvn') !== undefined)
  // Maven's own folder of downloads is not made for two at once.
  await withLock(folders.state, 'maven', async () => {
    if (existsSync(folder)) return
    const loading = `${folder}.${process.pid}`
    try {
      const goal = [copyJars, '-DincludeScope=runtime', `-DoutputDirectory=${loading}`]
      await run('mvn', ['-q', '-B', '-f', pom, ...goal], { cwd: makeFolder(folders.cache) })
      // Renamed into place: what is there is whole.
      renameSync(loading, folder)
    } finally {
      rmSync(loading, { recursive: true, force: true })
    }
  })
}
