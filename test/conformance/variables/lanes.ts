/**
 * One engine, one listener for each event: a policy acts in an event only for clients that came to
 * the listener of that event, so that one start serves the same question for all of them.
 */
import type { ConfigInput } from '../../../src/index.js';
import type { PolicyList } from '../../../src/policy.js';
import { type PolicyWire, startWire } from '../../helpers/policy-wire.js';
import { connectPeer, type SmtpPeer } from '../../helpers/smtp-peer.js';
import { onTestFinished } from 'vitest';
import { INBOUND, type InboundEvent, type Loose, policyOf } from './case.js';

export interface Lanes {
  readonly wire: PolicyWire;
  readonly port: (event: InboundEvent) => number;
  /** A client of the event's listener that has not read the greeting. */
  client(event: InboundEvent): Promise<SmtpPeer>;
}

export interface LaneOptions {
  readonly settings?: ConfigInput;
  /** Asked before and after the policy that acts. */
  readonly before?: PolicyList;
  readonly after?: PolicyList;
}

type Act = (ctx: Loose, event: InboundEvent) => unknown;

export async function startLanes(act: Act, options: LaneOptions = {}): Promise<Lanes> {
  const ports = new Map<InboundEvent, number>();
  const acting = policyOf(
    'acting',
    Object.fromEntries(
      INBOUND.map((event) => [
        event,
        (ctx: Loose) => (ctx['smtpPort'] === ports.get(event) ? act(ctx, event) : undefined),
      ]),
    ),
  );
  const wire = await startWire([options.before, acting, options.after], {
    listeners: INBOUND.map((name) => ({ name, port: 0, authInClear: true })),
    ...options.settings,
  });
  INBOUND.forEach((event, i) => ports.set(event, wire.ports[i] ?? 0));
  const port = (event: InboundEvent): number => ports.get(event) ?? 0;
  return {
    wire,
    port,
    async client(event) {
      const peer = await connectPeer(port(event));
      onTestFinished(() => {
        peer.destroy();
      });
      return peer;
    },
  };
}

/** The cells of a variable in these events. */
export function cells<Name extends string, Way extends 'in' | 'out'>(
  events: readonly InboundEvent[],
  name: Name,
  way: Way,
): `${InboundEvent}.${Name}:${Way}`[] {
  return events.map((event) => `${event}.${name}:${way}` as const);
}

export function calls<Name extends string>(
  events: readonly InboundEvent[],
  name: Name,
): `${InboundEvent}.${Name}()`[] {
  return events.map((event) => `${event}.${name}()` as const);
}
