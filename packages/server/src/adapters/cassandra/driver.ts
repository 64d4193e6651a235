import type { Client, Host, policies, types } from 'cassandra-driver'
import { AppError, unavailable } from '../../lib/errors.ts'

export type { Client, Host }
export type ResultSet = types.ResultSet
export type Driver = typeof import('cassandra-driver')

/** The driver is installed only where Cassandra is used. @throws Error that names the package */
export async function loadDriver(): Promise<Driver> {
  try {
    return await import('cassandra-driver')
  } catch (error) {
    throw new Error('Cassandra needs the package cassandra-driver: npm install cassandra-driver', { cause: error })
  }
}

/**
 * A lost connection is tried again on the next host; a host that is too slow is not, or the whole would take too long.
 * What is not idempotent (conditional writes) the driver never repeats: its outcome is found out by who sent it.
 */
export function retryPolicy(driver: Driver): policies.retry.RetryPolicy {
  const { RetryPolicy } = driver.policies.retry
  const again = 2
  class BoundedRetry extends RetryPolicy {
    override onRequestError(info: policies.retry.OperationInfo, _consistency: types.consistencies, error: Error) {
      const slow = error.name === 'OperationTimedOutError'
      return !slow && info.nbRetry < again ? this.retryResult(undefined as never, false) : this.rethrowResult()
    }

    override onWriteTimeout(info: policies.retry.OperationInfo) {
      return info.nbRetry === 0 ? this.retryResult(undefined as never, true) : this.rethrowResult()
    }
  }
  return new BoundedRetry()
}

/** A read that is not answered in `delay` ms is asked of the next host too; the first answer counts. */
export function speculativeReads(delay: number): policies.speculativeExecution.SpeculativeExecutionPolicy {
  const never = { nextExecution: () => -1 }
  return {
    init() {},
    shutdown() {},
    getOptions: () => new Map(),
    newPlan(_keyspace, query) {
      if (typeof query !== 'string' || !query.startsWith('SELECT')) return never
      let left = 1
      return { nextExecution: () => (left-- > 0 ? delay : -1) }
    },
  }
}

/** Codes of answers that say that the statement itself is wrong: trying again would not help. */
const faults = new Set([0x000a, 0x0100, 0x2000, 0x2100, 0x2200, 0x2300, 0x2400])

/** Anything but a fault of ours means that the outcome is not known. */
export function toStoreError(error: unknown): Error {
  if (error instanceof AppError) return error
  if (!(error instanceof Error)) return new Error(String(error))
  const { code } = error as { code?: unknown }
  if (error instanceof TypeError || error instanceof RangeError) return error
  if (typeof code === 'number' && faults.has(code)) return error
  return unavailable('Cassandra did not answer in time.', error)
}
