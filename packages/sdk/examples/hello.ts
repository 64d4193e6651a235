import { argv } from 'node:process'
import { createClient, memoryStore } from '@parley/client'

const [, , server = 'http://127.0.0.1:8080'] = argv
const account = { username: `hello_${Date.now()}`, password: 'open sesame', device: { name: 'example' } }
const client = await createClient({ server, store: memoryStore() })
const { user } = await client.register(account)
client.connect()
const group = await client.createGroup({ title: 'Notes to myself', members: [] })
const { seq } = await group.send(`Hello, ${user.username}!`)
console.log(`Message ${seq} is safe on the server.`)
await client.close()
