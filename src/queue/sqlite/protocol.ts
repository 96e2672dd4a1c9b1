/**
 * What goes to the database thread and what comes back.
 *
 * Requests travel in batches, one `postMessage` each way. All octets of a batch lie in one
 * ArrayBuffer that is transferred, never cloned: `packBlobs` copies each piece once into it.
 * Everything else is small and plain. A batch is one transaction.
 *
 * Callers: the files of this folder only. Both ends are always of the same build.
 */
import type { JsonValue } from '../entry.js';
import type { GreylistFinding, GreylistQuestion } from '../greylist.js';
import type { RateFinding, RateQuestion } from '../rate-window.js';
import type { EntryState, ListQuery, SettingWrite } from '../store.js';

/** A row of the entries table without its octets. */
export interface Row {
  readonly queueId: string;
  readonly state: EntryState;
  readonly held: boolean;
  readonly sender: string;
  readonly receivedAt: number;
  readonly size: number;
  readonly due: number;
  readonly fence: number;
  readonly crashes: number;
  readonly reason: string;
  readonly bodyInFile: boolean;
}

export interface PutArguments {
  readonly queueId: string;
  readonly held: boolean;
  readonly sender: string;
  readonly receivedAt: number;
  readonly size: number;
  readonly due: number;
  readonly bodyInFile: boolean;
}

export interface SettleArguments {
  readonly queueId: string;
  readonly owner: string;
  readonly fence: number;
  readonly kind: 'done' | 'retry' | 'park';
  /** Next look for `retry`, time of parking for `park`. */
  readonly due: number;
  readonly reason: string;
}

/** Name of each operation with its arguments; in brackets what its blobs are. */
export interface Operations {
  /** [recipients, record, header, body (only when not in a file)] */
  put: { readonly arguments: PutArguments; readonly answer: null };
  /** Answer: [recipients, record, header, body or nothing] for each row. */
  claim: {
    readonly arguments: {
      readonly now: number;
      readonly limit: number;
      readonly owner: string;
      readonly until: number;
    };
    readonly answer: { readonly rows: readonly Row[]; readonly nextDue: number | null };
  };
  /** [recipients or nothing] for each item. */
  settle: { readonly arguments: readonly SettleArguments[]; readonly answer: readonly boolean[] };
  release: {
    readonly arguments: {
      readonly leases: readonly {
        readonly queueId: string;
        readonly owner: string;
        readonly fence: number;
      }[];
      readonly due: number;
    };
    readonly answer: null;
  };
  /** Answer: [recipients] for each row. */
  list: { readonly arguments: ListQuery; readonly answer: readonly Row[] };
  /** Answer: as for one claimed row; none when there is no such entry. */
  get: { readonly arguments: string; readonly answer: Row | null };
  count: { readonly arguments: null; readonly answer: Record<EntryState, number> };
  hold: {
    readonly arguments: { readonly queueIds: readonly string[]; readonly held: boolean };
    readonly answer: number;
  };
  remove: { readonly arguments: readonly string[]; readonly answer: readonly string[] };
  park: {
    readonly arguments: { readonly queueId: string; readonly reason: string; readonly at: number };
    readonly answer: boolean;
  };
  /** [recipients] */
  reschedule: {
    readonly arguments: { readonly queueId: string; readonly fence: number; readonly due: number };
    readonly answer: boolean;
  };
  bodyFileIds: {
    readonly arguments: { readonly after: string; readonly limit: number };
    readonly answer: readonly string[];
  };
  recoverLeases: {
    readonly arguments: { readonly owner: string; readonly now: number };
    readonly answer: { readonly released: number; readonly parked: readonly string[] };
  };
  getSetting: {
    readonly arguments: string;
    readonly answer: { readonly value: JsonValue; readonly version: number } | null;
  };
  setSetting: {
    readonly arguments: {
      readonly key: string;
      readonly value: JsonValue;
      readonly expected: number | null;
    };
    readonly answer: SettingWrite;
  };
  greylist: {
    readonly arguments: {
      readonly question: GreylistQuestion;
      /** Most rows of each table. */
      readonly mostTriplets: number;
      readonly mostNetworks: number;
    };
    readonly answer: GreylistFinding;
  };
  countRate: {
    readonly arguments: { readonly question: RateQuestion; readonly mostRates: number };
    readonly answer: RateFinding;
  };
  /** Removes expired rows, up to `limit` triplets, networks and counters each; answers how many went. */
  sweepChecks: {
    readonly arguments: { readonly now: number; readonly limit: number };
    readonly answer: number;
  };
}

export type OperationName = keyof Operations;

export interface Request<K extends OperationName = OperationName> {
  readonly name: K;
  readonly arguments: Operations[K]['arguments'];
  readonly blobs: readonly Uint8Array[];
}

/** `full`: no room on the disk. `exists`: the id is taken. `failed`: anything else. */
export type FaultKind = 'full' | 'exists' | 'failed';

export type Answer =
  | { readonly status: 'ok'; readonly value: unknown; readonly blobs: readonly Uint8Array[] }
  | { readonly status: 'fault'; readonly kind: FaultKind; readonly reason: string };

export interface BatchReply {
  readonly answers: readonly Answer[];
  /** The database handle must not be used again; a new one has to be opened. */
  readonly broken: boolean;
  /** What broke it, when no answer says so. */
  readonly reason?: string;
}

export const NO_BLOB: Uint8Array = new Uint8Array(0);

/** Copies all blobs into one new ArrayBuffer and gives the items back with views of it. */
export function packBlobs<T extends object>(
  items: readonly T[],
): {
  readonly items: readonly T[];
  readonly buffer: ArrayBuffer;
} {
  let total = 0;
  for (const item of items) for (const blob of blobsOf(item)) total += blob.byteLength;
  const target = new Uint8Array(total);
  let offset = 0;
  const packed = items.map((item) => {
    const blobs = blobsOf(item);
    if (blobs.length === 0) return item;
    const views = blobs.map((blob) => {
      target.set(blob, offset);
      offset += blob.byteLength;
      return target.subarray(offset - blob.byteLength, offset);
    });
    return { ...item, blobs: views };
  });
  return { items: packed, buffer: target.buffer };
}

const NO_BLOBS: readonly Uint8Array[] = [];

function blobsOf(item: object): readonly Uint8Array[] {
  return 'blobs' in item ? (item.blobs as readonly Uint8Array[]) : NO_BLOBS;
}
