const head = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Parley</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
  body { max-width: 36rem; margin: 12vh auto; padding: 0 1.5rem }
  code { background: color-mix(in srgb, currentColor 10%, transparent); padding: .15em .4em; border-radius: .3em }
</style>`

/** What stands at `/` of a server without a web app: where to go on. */
export const frontPage = `${head}
<h1>Parley is running</h1>
<p>This is a messenger server. Talk from a terminal:</p>
<p><code>npx parley register --username you</code><br><code>npx parley chat</code></p>
<p>Or write a client: <a href="/docs">API documentation</a> · <a href="/openapi.json">OpenAPI</a></p>
</html>
`

/** Stands at `/` while the web app is built; looks again by itself. */
export const buildingPage = `${head}
<meta http-equiv="refresh" content="1">
<h1>Parley is running</h1>
<p role="status">The web app is being built; it will be here in a moment.</p>
</html>
`
