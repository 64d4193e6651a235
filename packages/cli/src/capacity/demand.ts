/** Who uses the service, and how. Sizes in bytes. */
export interface Usage {
  dailyUsers: number
  /** Sent by each of them, a day. */
  messagesPerUser: number
  /** Share of messages that go to a group. */
  groupShare: number
  /** Members of a group, weighed by messages. */
  groupMembers: number
  devicesPerUser: number
  textBytes: number
  /** Share of messages that carry media. */
  mediaShare: number
  mediaBytes: number
  retentionYears: number
  /** The busiest second over the average one. */
  peak: number
  /** Share of daily users whose device is connected in the busiest minute. */
  connectedShare: number
  /** Seconds between two heartbeats of a connection, on average over foreground and background. */
  heartbeatSeconds: number
}

/** The size that the design is made for: 100 million daily users with 50 messages each. */
export const targetUsage: Usage = {
  dailyUsers: 100_000_000,
  messagesPerUser: 50,
  groupShare: 0.3,
  groupMembers: 20,
  devicesPerUser: 1.5,
  textBytes: 150,
  mediaShare: 0.05,
  mediaBytes: 200_000,
  retentionYears: 10,
  peak: 2,
  connectedShare: 0.3,
  heartbeatSeconds: 30,
}

/** What the usage asks of a service, whatever serves it. Rates are averages of a second unless they say peak. */
export interface Demand {
  messages: number
  peakMessages: number
  /** Events to other users' and the sender's other devices that are connected. */
  peakDeliveries: number
  /** Rows placed on sync queues: one for each member, the sender included. */
  peakQueueRows: number
  connections: number
  heartbeats: number
  textPerDay: number
  mediaPerDay: number
  /** Text and media kept at the end, one copy of each. */
  kept: number
  /** Bits a second at the peak, to and from clients: text with its frames, and media once up and once down a receiver. */
  peakBits: number
}

const daySeconds = 86_400
const yearDays = 365
/** Bytes of an event on the wire with JSON names, WebSocket, TLS and TCP headers. */
const frameBytes = 450
/** Media is downloaded by so many of its receivers. */
const mediaSeen = 0.5

export function demandOf(usage: Usage): Demand {
  const { dailyUsers, messagesPerUser, groupShare, groupMembers, devicesPerUser, peak } = usage
  const perDay = dailyUsers * messagesPerUser
  const messages = perDay / daySeconds
  const members = (1 - groupShare) * 2 + groupShare * groupMembers
  const connections = dailyUsers * usage.connectedShare * devicesPerUser
  const peakMessages = messages * peak
  const devices = members * devicesPerUser - 1
  const peakDeliveries = peakMessages * devices * Math.min(1, usage.connectedShare)
  const textPerDay = perDay * usage.textBytes
  const mediaPerDay = perDay * usage.mediaShare * usage.mediaBytes
  const mediaBytes = (mediaPerDay / daySeconds) * peak * (1 + (members - 1) * mediaSeen)
  return {
    messages,
    peakMessages,
    peakDeliveries,
    peakQueueRows: peakMessages * members,
    connections,
    heartbeats: connections / usage.heartbeatSeconds,
    textPerDay,
    mediaPerDay,
    kept: (textPerDay + mediaPerDay) * yearDays * usage.retentionYears,
    peakBits: 8 * ((peakMessages + peakDeliveries) * (frameBytes + usage.textBytes) + mediaBytes),
  }
}
