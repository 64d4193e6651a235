import type { SimDevice } from './sim-device.ts'
import type { World } from './world.ts'

/** Somebody adds, removes or leaves, as far as they may; whoever is out of the first room is often let in again. */
export async function changeMembers({ chance, rooms, users }: World, { client, user }: SimDevice): Promise<void> {
  const room = client!.conversation(rooms[chance.below(2)]!)
  const other = chance.pick(users.filter((one) => one !== user))!
  const how = chance.weighted({ add: 5, remove: 3, leave: 1, promote: 1 })
  if (how === 'add') await room.addMember(other)
  if (how === 'remove') await room.removeMember(other)
  if (how === 'leave') await room.leave()
  if (how === 'promote') await room.setRole(other, 'admin')
  if (user !== users[0] && chance.is(0.1)) await client!.direct(other)
}
