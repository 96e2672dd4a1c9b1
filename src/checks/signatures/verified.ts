/**
 * What the signatures of a message come to, as types alone.
 *
 * Apart from the code that finds it, because these types reach programs that embed the engine, and the
 * library behind that code has none to show them.
 *
 * Callers: the files of this folder, checks, hooks and engine.
 */
import type { CheckOutcome } from '../outcome.js';
import type { Author } from './author.js';

export type DkimStatus = 'None' | 'Pass' | 'Fail' | 'Neutral' | 'Policy' | 'TempError' | 'PermError';

export interface DkimSignature {
  readonly status: DkimStatus;
  /** `d=`, who vouches. */
  readonly domain: string;
  /** `s=`, which of its keys. */
  readonly selector: string;
  /** `i=`, or `@` and the domain where there is none; empty when it is longer than an address can be. */
  readonly identity: string;
  /** `a=`, such as `rsa-sha256`. */
  readonly algorithm: string;
  /** The first characters of `b=`, which tell two signatures of one domain apart. */
  readonly digest: string;
  /** The domain only tries DKIM (`t=y` of its key): the result is not to be held against anybody. */
  readonly testing: boolean;
  /** Octets of the body that the signature leaves out by `l=`; 0 for a whole one. */
  readonly uncovered: number;
  readonly explanation: string;
}

export interface DkimOutcome extends CheckOutcome<DkimStatus> {
  /** In the order of the header; none for a message without signatures. */
  readonly signatures: readonly DkimSignature[];
}

export type ArcStatus = 'None' | 'Pass' | 'Fail' | 'TempError';

export interface ArcOutcome extends CheckOutcome<ArcStatus> {
  /** Domains (`d=`) of the seals, the oldest first; not to be trusted unless the status is `Pass`. */
  readonly sealers: readonly string[];
}

export interface Verified {
  readonly dkim: DkimOutcome;
  readonly arc: ArcOutcome;
  readonly author: Author;
}
