import type { FastifyInstance } from 'fastify'

/** `/docs`: OpenAPI for people, as one page without scripts. */
export function mountDocs(server: FastifyInstance, document: () => object): void {
  server.get('/docs', async (_request, reply) => {
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    return reply.type('text/html; charset=utf-8').send(renderDocs(document() as OpenApi))
  })
}

interface Operation {
  summary: string
  security?: object[]
  parameters: { name: string; in: string; required: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>
}

interface OpenApi {
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character] as string)
const schemaOf = (title: string, schema: object | undefined): string =>
  schema
    ? `<details><summary>${title}</summary><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre></details>`
    : ''

function renderOperation(path: string, method: string, operation: Operation): string {
  const rows = operation.parameters.map(
    ({ name, in: where, required, schema }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${where}${required ? '' : ', optional'}</td><td><code>${escapeHtml(JSON.stringify(schema))}</code></td></tr>`,
  )
  const body = operation.requestBody?.content['application/json']?.schema
  const answer = operation.responses['2XX']?.content?.['application/json']?.schema
  return `<section><h2><b class="${method}">${method.toUpperCase()}</b> ${escapeHtml(path)}</h2>
<p>${escapeHtml(operation.summary)}${operation.security ? '' : ' · <em>no token needed</em>'}</p>
${rows.length > 0 ? `<table>${rows.join('')}</table>` : ''}${schemaOf('Body', body)}${schemaOf('Answer', answer)}</section>`
}

function renderDocs({ info, paths }: OpenApi): string {
  const sections = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => renderOperation(path, method, operation)),
  )
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(info.title)} API</title><style>
:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}body{max-width:56rem;margin:3rem auto;padding:0 1.5rem}
section{border-top:1px solid color-mix(in srgb,currentColor 20%,transparent);padding:.5rem 0}h2{font:600 1rem ui-monospace,monospace;overflow-wrap:anywhere}
b{display:inline-block;min-width:4.5em}.get{color:#2a7de1}.post{color:#1a8f4a}.put,.patch{color:#b7791f}.delete{color:#d33}
td{padding:.1rem 1rem .1rem 0;vertical-align:top;overflow-wrap:anywhere}pre{overflow:auto;font-size:.85rem}summary{cursor:pointer}</style>
<h1>${escapeHtml(info.title)} API ${escapeHtml(info.version)}</h1>
<p>Machine-readable: <a href="/openapi.json">openapi.json</a>. Send <code>Authorization: Bearer TOKEN</code>. Errors are
<code>application/problem+json</code> with a <code>code</code>. The socket is at <code>GET /v1/socket</code>.</p>
${sections.join('\n')}</html>`
}
