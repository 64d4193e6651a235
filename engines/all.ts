import { cassandraRing, cassandraSingle } from './cassandra/cassandra.ts'
import type { Engine, EngineName } from './engine.ts'
import { mongodb } from './mongodb/mongodb.ts'
import { moto } from './moto.ts'
import { postgres } from './postgres.ts'
import { redis } from './redis.ts'
import { s3 } from './s3/s3.ts'
import { zookeeperEnsemble, zookeeperSingle } from './zookeeper/zookeeper.ts'

export const engines: Readonly<Record<EngineName, Engine>> = {
  postgres,
  redis,
  zookeeper: zookeeperSingle,
  zookeeper3: zookeeperEnsemble,
  cassandra: cassandraSingle,
  cassandra3: cassandraRing,
  mongodb,
  s3,
  moto,
}
