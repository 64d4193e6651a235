import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endProcess, serverCore, startCommand } from '../machine.ts'
import { freePort } from './parley.ts'

export interface RunningNginx {
  port: number
  pid: number
  /** What it serves; uploads go there too. */
  folder: string
  stop(): Promise<void>
}

const binary = 'nginx'

/** Why it cannot be measured against; undefined: it can. */
export function missingNginx(): string | undefined {
  const found = spawnSync(binary, ['-v']).status === 0
  return found ? undefined : 'nginx is not installed: apt-get install --no-install-recommends nginx'
}

/** nginx as it is fastest here: one worker on the server's core, `sendfile`, uploads by WebDAV `PUT`, no log. */
export async function startNginx(): Promise<RunningNginx> {
  const root = await mkdtemp(join(tmpdir(), 'parley-nginx-'))
  const folder = join(root, 'files')
  await mkdir(folder)
  const port = await freePort()
  await writeFile(
    join(root, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${root}/pid; error_log ${root}/error.log crit;
     ${process.getuid?.() === 0 ? 'user root;' : ''}
     events { worker_connections 1024; }
     http {
       access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; keepalive_timeout 600;
       client_body_temp_path ${root}/body; proxy_temp_path ${root}/p; fastcgi_temp_path ${root}/f;
       uwsgi_temp_path ${root}/u; scgi_temp_path ${root}/s; client_max_body_size 200m;
       server { listen 127.0.0.1:${port}; root ${folder}; dav_methods PUT; }
     }`,
  )
  await chmod(root, 0o755)
  const child = startCommand(serverCore, binary, [
    '-p',
    root,
    '-c',
    join(root, 'nginx.conf'),
    '-e',
    join(root, 'error.log'),
  ])
  for (let left = 100; ; left--) {
    try {
      await fetch(`http://127.0.0.1:${port}/`)
      break
    } catch (error) {
      if (left === 0) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    port,
    pid: child.pid ?? 0,
    folder,
    stop: async () => {
      await endProcess(child)
      await rm(root, { recursive: true, force: true })
    },
  }
}
