import type { Setup } from '../engine.ts'

export interface RingNode {
  name: string
  address: string
  port: number
  /** Between nodes; the next one would be for TLS. */
  storagePort: number
  jmxPort: number
  /** Where its share of the ring begins. */
  token: bigint
}

/** Ports lie below those that the kernel gives away. Nodes of a ring differ in address; only JMX is always local. */
export function ringNodes(name: string, count: number, port: number): RingNode[] {
  return Array.from({ length: count }, (_, index) => ({
    name: count === 1 ? name : `${name}-${index + 1}`,
    address: `127.0.0.${index + 1}`,
    port,
    storagePort: port + 30,
    jmxPort: port + 40 + index,
    token: -(2n ** 63n) + (2n ** 64n / BigInt(count)) * BigInt(index),
  }))
}

/** What is not named keeps Cassandra's own default, above all its time-outs. JSON is YAML. */
export function cassandraYaml(node: RingNode, ring: readonly RingNode[], setup: Setup): string {
  return JSON.stringify(
    {
      cluster_name: 'parley-engines',
      partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
      endpoint_snitch: 'SimpleSnitch',
      dynamic_snitch: false,
      seed_provider: [
        {
          class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
          // Every one is a seed: any of them may start first, or again while the others are dead.
          parameters: [{ seeds: ring.map(({ address, storagePort }) => `${address}:${storagePort}`).join(',') }],
        },
      ],
      // A fixed share each and nothing to stream: a ring of empty nodes stands in seconds.
      num_tokens: 1,
      initial_token: String(node.token),
      auto_bootstrap: false,
      listen_address: node.address,
      storage_port: node.storagePort,
      ssl_storage_port: node.storagePort + 1,
      rpc_address: node.address,
      native_transport_port: node.port,
      storage_compatibility_mode: 'NONE',
      paxos_variant: 'v2',
      ...commitLog(setup.commitlogSync),
      commitlog_segment_size: '16MiB',
      commitlog_total_space: '128MiB',
      memtable_heap_space: setup.jvm === 'full' ? '96MiB' : '32MiB',
      memtable_offheap_space: '32MiB',
      concurrent_reads: 8,
      concurrent_writes: 16,
      concurrent_counter_writes: 2,
      file_cache_size: '32MiB',
      networking_cache_size: '16MiB',
      key_cache_size: '4MiB',
      counter_cache_size: '0MiB',
      auto_snapshot: false,
      disk_failure_policy: 'stop',
      // Leaves the tables to be read by streams alone: mapped files would count as memory.
      disk_access_mode: 'standard',
    },
    undefined,
    2,
  )
}

function commitLog(sync: Setup['commitlogSync']): Record<string, string> {
  switch (sync) {
    case 'periodic':
      return { commitlog_sync: sync, commitlog_sync_period: '10000ms' }
    case 'group':
      return { commitlog_sync: sync, commitlog_sync_group_window: '2ms' }
    case 'batch':
      return { commitlog_sync: sync }
  }
}

export const logbackXml = `<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{20} %msg%n</pattern></encoder>
  </appender>
  <logger name="org.apache.cassandra" level="INFO"/>
  <logger name="org.apache.cassandra.config.Config" level="WARN"/>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
`
