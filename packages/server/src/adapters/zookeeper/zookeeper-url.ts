export interface ZooKeeperUrl {
  /** `host:port`, at least one. */
  servers: string[]
  /** Where everything of this cluster lies, e.g. `/parley`. */
  root: string
  /** Of sessions, ms: after so long without a sign of life a node is taken for dead. */
  timeout: number
}

const standard = { root: '/parley', port: '2181', timeout: 8_000 }

/** `zookeeper://h1:p,h2:p,h3:p/path?timeout=ms`. @throws Error that says what is wrong with it */
export function parseZooKeeperUrl(url: string): ZooKeeperUrl {
  const [, hosts = '', path = '', query = ''] = /^zookeeper:\/\/([^/?]+)(\/[^?]*)?(?:\?(.*))?$/.exec(url) ?? []
  const servers = hosts.split(',').map((host) => (/:\d+$/.test(host) ? host : `${host}:${standard.port}`))
  if (hosts === '' || servers.some((server) => !/^[^\s:/@]+:\d+$/.test(server))) {
    throw new Error(`${url} is no address of ZooKeeper: zookeeper://host1:2181,host2:2181/path`)
  }
  const root = path.replace(/\/+$/, '') || standard.root
  if (
    root
      .split('/')
      .slice(1)
      .some((name) => !/^[\w.-]+$/.test(name) || /^\.+$/.test(name))
  ) {
    throw new Error(`${url}: the path must be names of letters, digits, ".", "_" and "-"`)
  }
  const options = new URLSearchParams(query)
  const timeout = Number(options.get('timeout') ?? standard.timeout)
  const unknown = [...options.keys()].filter((key) => key !== 'timeout')
  if (unknown.length > 0) throw new Error(`${url}: ${unknown.join(', ')} is no option of ZooKeeper; timeout is`)
  if (!Number.isInteger(timeout) || timeout < 1_000 || timeout > 60_000) {
    throw new Error(`${url}: timeout must be milliseconds, 1000 to 60000`)
  }
  return { servers, root, timeout }
}
