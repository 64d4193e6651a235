import { join } from 'node:path'
import type { NodeSpec, Setup } from '../engine.ts'
import type { RingNode } from './configuration.ts'

const opened = [
  'java.io',
  'java.lang',
  'java.lang.module',
  'java.lang.reflect',
  'java.util',
  'jdk.internal.loader',
  'jdk.internal.math',
  'jdk.internal.misc',
  'jdk.internal.module',
  'jdk.internal.ref',
  'jdk.internal.reflect',
  'jdk.internal.util.jar',
  'sun.nio.ch',
]
const exported = [
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'jdk.attach/sun.tools.attach',
]

/** The command that runs one node whose configuration and data lie in `folder`. */
export function javaCommand(node: RingNode, jvm: Setup['jvm'], jars: string, folder: string): NodeSpec['command'] {
  const heap = jvm === 'full' ? '512M' : '256M'
  const java = [
    'java',
    // The second compiler is worth its time only under long load.
    ...(jvm === 'small' ? ['-XX:TieredStopAtLevel=1'] : []),
    `-Xms${heap}`,
    `-Xmx${heap}`,
    '-Xss512k',
    '-XX:+UseSerialGC',
    '-XX:MaxDirectMemorySize=256M',
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:-UsePerfData',
    '-Djdk.attach.allowAttachSelf=true',
    '-Dio.netty.tryReflectionSetAccessible=true',
    `-Djava.io.tmpdir=${folder}`,
    `-Dcassandra.config=file://${join(folder, 'cassandra.yaml')}`,
    `-Dlogback.configurationFile=file://${join(folder, 'logback.xml')}`,
    `-Dcassandra.storagedir=${join(folder, 'data')}`,
    `-Dcassandra.logdir=${folder}`,
    `-Dcassandra.jmx.local.port=${node.jmxPort}`,
    // No waiting for a ring to settle that is known to be of these nodes.
    '-Dcassandra.ring_delay_ms=0',
    '-Dcassandra.skip_wait_for_gossip_to_settle=0',
    ...opened.flatMap((name) => ['--add-opens', `java.base/${name}=ALL-UNNAMED`]),
    '--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED',
    ...exported.flatMap((name) => ['--add-exports', `${name}=ALL-UNNAMED`]),
    '-cp',
    join(jars, '*'),
    'org.apache.cassandra.service.CassandraDaemon',
  ]
  // With the right to lock memory it would lock all of its heap into it.
  return process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-ipc_lock', ...java] : (java as [string, ...string[]])
}
