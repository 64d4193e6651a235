/** What stands at `/` of a server: where to go on. */
export const frontPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Parley</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
  body { max-width: 36rem; margin: 12vh auto; padding: 0 1.5rem }
  code { background: color-mix(in srgb, currentColor 10%, transparent); padding: .15em .4em; border-radius: .3em }
</style>
<h1>Parley is running</h1>
<p>This is a messenger server. Talk from a terminal:</p>
<p><code>npx parley register --username you</code><br><code>npx parley chat</code></p>
<p>Or write a client: <a href="/docs">API documentation</a> · <a href="/openapi.json">OpenAPI</a></p>
</html>
`
