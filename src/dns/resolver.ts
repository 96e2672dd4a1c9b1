/**
 * The Resolver port: every DNS question of the program passes here.
 *
 * DNS trouble is an outcome, not an exception: an implementation never throws and never rejects,
 * whatever the network or the name does. `none` means the server answered that there is nothing
 * (NXDOMAIN or an empty answer); `tempFail` means nobody knows.
 *
 * Callers: checks, delivery routing, cli. Implementations: `udp-resolver`, wrapped by
 * `caching-resolver`; tests use a literal map.
 */

export type RecordType = 'A' | 'AAAA' | 'MX' | 'TXT' | 'PTR';

export interface MxRecord {
  readonly preference: number;
  readonly exchange: string;
}

/** A and AAAA: addresses; PTR: names; TXT: the strings of each record joined; MX: records. */
export interface RecordData {
  readonly A: string;
  readonly AAAA: string;
  readonly PTR: string;
  readonly TXT: string;
  readonly MX: MxRecord;
}

/** What went wrong when nobody knows. */
export type DnsTrouble = 'timeout' | 'servfail' | 'refused' | 'network' | 'malformed' | 'badName' | 'aborted';

export type DnsOutcome<T> =
  | {
      readonly status: 'found';
      readonly records: readonly T[];
      readonly ttlSeconds: number;
      /** The answer was validated by the resolver (AD bit). */
      readonly authentic: boolean;
    }
  | {
      readonly status: 'none';
      readonly nxdomain: boolean;
      readonly ttlSeconds: number;
      readonly authentic: boolean;
    }
  | { readonly status: 'tempFail'; readonly trouble: DnsTrouble; readonly detail: string };

/**
 * Some askers make their signal, and begin their deadline, when it is first read: an implementation
 * reads it before it waits, and not for what it knows already.
 */
export interface ResolveOptions {
  readonly signal?: AbortSignal;
}

export interface Resolver {
  resolve<T extends RecordType>(
    name: string,
    type: T,
    options?: ResolveOptions,
  ): Promise<DnsOutcome<RecordData[T]>>;
  /** Releases sockets and timers; later questions answer `tempFail`. */
  close(): void;
}
