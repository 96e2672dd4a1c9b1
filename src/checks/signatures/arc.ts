/**
 * The chain of those who passed the message on, verified (RFC 8617 §5.2).
 *
 * `Pass`: every seal holds and the newest signature fits the message as it came. Whether one of
 * them is believed is the policy's matter: a chain says who, not that they are honest. DNS trouble
 * is `TempError`, although RFC 8617 knows no such word, because it says nothing about the chain.
 *
 * Callers: message-signatures.ts. Always resolves; a fault of the library reads as TempError.
 */
import type { ArcData } from 'mailauth/lib/dkim/dkim-verifier.js';
import { lazily } from '../../core/lazily.js';
import { printable } from '../outcome.js';
import type { JudgedSignature } from './judgement.js';
import { LEAST_RSA_BITS } from './key-cache.js';
import type { ArcOutcome } from './verified.js';

export const NO_CHAIN: ArcOutcome = {
  status: 'None',
  explanation: 'the message has no ARC chain',
  evidence: [],
  sealers: [],
};

interface Troubled {
  readonly evidence: readonly string[];
  readonly hadTrouble: () => boolean;
}

const loadArc = lazily(() => import('mailauth/lib/arc/index.js'));

function sealersOf({ chain }: ArcData): string[] {
  if (chain === false) return [];
  return chain.map((set) => {
    const seal = (
      set as Readonly<Record<string, { readonly parsed?: { readonly d?: { value?: unknown } } }>>
    )['arc-seal'];
    const domain = seal?.parsed?.d?.value;
    return typeof domain === 'string' ? printable(domain, 255).toLowerCase() : '';
  });
}

export async function arcOutcome(data: ArcData, lookups: Troubled): Promise<ArcOutcome> {
  if (data.chain === false && data.error === undefined) return NO_CHAIN;
  const { arc } = await loadArc();
  const { resolver } = data.keyCache;
  const { status } = await arc(data, { resolver, minBitLength: LEAST_RSA_BITS, strict: true });
  return {
    ...judge(status, isUnknown(data, status.comment, lookups)),
    sealers: sealersOf(data),
    get evidence() {
      return lookups.evidence;
    },
  };
}

/** Whether what ended the verification was trouble with DNS: the library has no words for that. */
function isUnknown({ lastEntry }: ArcData, comment: string | undefined, { hadTrouble }: Troubled): boolean {
  if (comment === undefined) return hadTrouble();
  const newest = lastEntry?.['messageSignature'] as JudgedSignature | undefined;
  // It comes last, after all seals have held.
  return comment.endsWith('no valid signature') && newest?.status.result === 'temperror';
}

function judge(
  { result, comment }: { readonly result: string; readonly comment?: string },
  isUndecided: boolean,
): Pick<ArcOutcome, 'status' | 'explanation'> {
  if (result === 'pass') return { status: 'Pass', explanation: '' };
  if (isUndecided) return { status: 'TempError', explanation: 'DNS trouble while the keys were asked for' };
  return { status: 'Fail', explanation: printable(comment ?? 'the chain is broken') };
}

export function arcTrouble(explanation: string): ArcOutcome {
  return { status: 'TempError', explanation: printable(explanation), evidence: [], sealers: [] };
}
