/** A kind of message between nodes. Each is defined beside the one that speaks of it. */
export interface LinkTopic<Body> {
  readonly name: string
  /**
   * What its loss means. `hint`: the receiver is told that it missed something. `transient`: nothing, and it is dropped
   * first. `request`: the sender hears no answer, and knows what to do then.
   */
  readonly loss: 'hint' | 'transient' | 'request'
  /** Only for the type checker. */
  readonly body?: Body
}

export const linkTopic = <Body>(name: string, loss: LinkTopic<Body>['loss'] = 'hint'): LinkTopic<Body> => ({
  name,
  loss,
})

/** What is told of the links of this node. */
export interface LinkListener {
  /** Hints of this node may have been lost: before a link from it came up, when it broke, or by too much at once. */
  missed?(node: string): void
  /** Both ways are open. */
  up?(node: string): void
  /** One of the ways is closed: what was sent lately may not have arrived. */
  down?(node: string): void
}

/**
 * The direct traffic between nodes. Messages of one node to another arrive in the order sent, at most once; what is
 * sent in one turn of the event loop leaves as one frame. Nothing is kept: no promise may rest on it.
 */
export interface NodeLink {
  /** False when it was not taken: the link is down, or too much waits in it. */
  send<Body>(node: string, topic: LinkTopic<Body>, body: Body): boolean
  /** To every other node; encoded once. */
  broadcast<Body>(topic: LinkTopic<Body>, body: Body): void
  listen<Body>(topic: LinkTopic<Body>, handle: (body: Body, from: string) => void): void
  watch(listener: LinkListener): void
  /** True while both ways to and from this node are open. */
  isUp(node: string): boolean
  /** The nodes that something can be sent to. */
  readonly linked: readonly string[]
  /**
   * A moment of this node (by `clock.monotonic()`) on the other node's clock, as exact as half the way there and back.
   * Undefined while it is not known.
   */
  timeAt(node: string, moment: number): number | undefined
}
