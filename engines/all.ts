import { cassandraRing, cassandraSingle } from './cassandra/cassandra.ts'
import type { Engine, EngineName } from './engine.ts'
import { mongodb } from './mongodb/mongodb.ts'
import { postgres } from './postgres.ts'
import { redis } from './redis.ts'
import { zookeeperEnsemble, zookeeperSingle } from './zookeeper/zookeeper.ts'

export const engines: Readonly<Record<EngineName, Engine>> = {
  postgres,
  redis,
  zookeeper: zookeeperSingle,
  zookeeper3: zookeeperEnsemble,
  cassandra: cassandraSingle,
  cassandra3: cassandraRing,
  mongodb,
}
