/** A node of the cluster, as clients and as other nodes reach it. */
export interface NewPlace {
  url: string
  link: string
}

/** What a data folder says of itself when its data is elsewhere. */
export interface Departure {
  /** ms since the epoch. */
  at: number
  /** Where to, in words, without passwords. */
  to: string
  nodes: readonly NewPlace[]
}

/** Port: the server whose data is on its way, as whoever moves it steers it. */
export interface MovedServer {
  /** From now on changes are written down (`ChangeLog`), across restarts; under the name it has been given first. */
  watch(name: string): Promise<void>
  /** They are not any more. */
  unwatch(): Promise<void>
  /** Changes up to this mark are known where the data goes. */
  forget(upTo: number): Promise<void>
  /**
   * When it resolves everything that was acknowledged is stored, and nothing is written until `thaw`, or until `ms` are
   * over: writes wait. @returns a name of this freeze
   */
  freeze(ms: number): Promise<string>
  thaw(): Promise<void>
  /**
   * The point of no return: the folder says that its data is elsewhere, nothing is ever written to it again, and clients
   * are sent to the nodes once those serve. @throws AppError `conflict`: that freeze is over, nothing was done
   */
  leave(freeze: string, departure: Departure): Promise<void>
}
