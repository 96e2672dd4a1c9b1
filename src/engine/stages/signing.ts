/**
 * Signatures of ours on the way in: which keys sign a message, and the fields that go on top of it.
 *
 * A message is signed with the keys that policies have asked for, and by itself when somebody whom we
 * know sends it in the name of a domain that has keys. The hash of the body is made while the body
 * arrives wherever a signature is likely once the header is there; where a policy decides otherwise
 * later, the body is read again. A key that cannot sign refuses the message for now: it is neither
 * lost nor passed on unsigned.
 *
 * Callers: stages/headers, engine/accept. RFC 6376 §5.
 */
import { authorDomain } from '../../checks/signatures/author.js';
import { BodyHash } from '../../checks/signatures/body-hash.js';
import { DKIM_SIGNATURE, SIGNED_BODY, sign } from '../../checks/signatures/sign.js';
import type { SigningKey } from '../../checks/signatures/signing-key.js';
import { EngineError, messageOf } from '../../core/errors.js';
import type { Soon } from '../../core/soon.js';
import type { MessageBody } from '../../message/body.js';
import type { HeaderBlock } from '../../message/header-block.js';
import type { Incoming } from '../session/incoming.js';
import type { Session } from '../session/session.js';

const NONE: readonly SigningKey[] = [];

/**
 * Somebody who may send in the name of our domains, as far as a listener can tell. A trusted network
 * where mail comes in from outside may be that of a gateway, which passes on what forgers wrote.
 */
function isKnownSender({ authUser, isTrusted, listener: { kind } }: Session): boolean {
  if (authUser !== '') return kind !== 'lmtp';
  return isTrusted && kind === 'submission';
}

function authorKeys(session: Session, header: HeaderBlock): readonly SigningKey[] {
  const ring = session.deps.signing?.keys();
  if (!ring || ring.isEmpty) return NONE;
  const domain = authorDomain(header);
  return domain === undefined ? NONE : ring.nearest(domain);
}

function automaticKeys(session: Session, header: HeaderBlock): readonly SigningKey[] {
  const isDue = session.deps.signing?.signsSubmitted === true && isKnownSender(session);
  return isDue ? authorKeys(session, header) : NONE;
}

/** The header is final: hashes the body from here on where it will be signed, or may be. */
export function beginSigning(incoming: Incoming, header: HeaderBlock): void {
  const { session } = incoming;
  const isLikely =
    incoming.signWith.length > 0 ||
    ((session.policies.hears('onDataReceived') || isKnownSender(session)) &&
      authorKeys(session, header).length > 0);
  if (isLikely) incoming.bodyHash = new BodyHash(SIGNED_BODY);
}

/** The header with a signature by each key that is due; the same header for most messages. */
export function withSignatures(
  incoming: Incoming,
  header: HeaderBlock,
  body: MessageBody,
): Soon<HeaderBlock> {
  const keys = new Set([...incoming.signWith, ...automaticKeys(incoming.session, header)]);
  return keys.size === 0 ? header : signed(incoming, header, body, [...keys]);
}

async function signed(
  incoming: Incoming,
  header: HeaderBlock,
  body: MessageBody,
  keys: readonly SigningKey[],
): Promise<HeaderBlock> {
  const bodyHash = (incoming.bodyHash ?? (await hashOf(body))).digest('base64');
  const fields = await Promise.all(keys.map((key) => fieldOf(incoming, header, bodyHash, key)));
  // The first key on top, as the settings have them.
  return fields.reduceRight((block, field) => block.prepend(DKIM_SIGNATURE, field), header);
}

async function hashOf(body: MessageBody): Promise<BodyHash> {
  const hash = new BodyHash(SIGNED_BODY);
  for await (const piece of body.stream()) hash.update(piece);
  return hash;
}

async function fieldOf(
  { session, transaction }: Incoming,
  header: HeaderBlock,
  bodyHash: string,
  key: SigningKey,
): Promise<Buffer> {
  const { clock, facts, signing } = session.deps;
  const { domain, selector } = key;
  const began = clock.elapsed();
  try {
    const lifetimeMs = signing?.lifetimeMs ?? 0;
    const field = await sign({ key, header, bodyHash, now: clock.now(), lifetimeMs });
    const { queueId } = transaction;
    facts.publish('message.signed', {
      session: session.id,
      queueId,
      domain,
      selector,
      ms: clock.elapsed() - began,
    });
    return field;
  } catch (error) {
    const detail = { domain, selector, reason: messageOf(error) };
    throw new EngineError('ERR_DKIM_SIGN', { detail, cause: error });
  }
}
