/**
 * What a policy costs when it does next to nothing.
 *
 * Measures one event with one awaited handler that reads three variables and writes one: making the
 * context, running the handler to its end, and applying the outcome. The budget is 3 microseconds
 * on a quiet machine with traces off. Prints the median of several rounds with traces off, and with
 * traces on into a sink that only takes them.
 *
 * Run: npm run build && node bench/context.bench.mjs
 */
import { createFactBus } from '../dist/core/facts.js';
import { systemClock } from '../dist/core/clock.js';
import { silentLogger } from '../dist/core/log.js';
import { definePolicy } from '../dist/hooks/define-policy.js';
import { buildPolicySet } from '../dist/hooks/policy-set.js';
import { createRuntime } from '../dist/hooks/runtime.js';
import { noTraces } from '../dist/hooks/trace.js';
import { noWatch } from '../dist/hooks/watchdog/watch.js';

const BUDGET_MICROSECONDS = 3;
const ROUNDS = 15;
const EVENTS_A_ROUND = 50_000;

const policy = definePolicy({
  name: 'bench',
  async onMailFrom(ctx) {
    if (ctx.remoteSmtpIp !== '' && ctx.ehloHost !== '' && ctx.mailFrom !== '') ctx.maxDataSize = 51_200;
  },
});

/** What an engine tells at MAIL FROM, made once: gathering it is the stage's cost. */
const INPUT = {
  values: {
    smtpPort: 25,
    smtpIp: '192.0.2.25',
    remoteSmtpPort: 40_000,
    remoteSmtpIp: '192.0.2.1',
    isSSLConnection: 'no',
    ehloHost: 'client.example',
    isESMTP: 'yes',
    mailFrom: 'sender@example.org',
    mailFromDomain: 'example.org',
  },
};

function open(traces) {
  const facts = createFactBus((error) => {
    throw error;
  });
  const runtime = createRuntime(
    buildPolicySet([{ file: 'bench.mjs', exported: policy }]),
    { policyTimeoutMs: 30_000, onPolicyFailure: 'tmpreject', onIgnoredWrite: 'error' },
    { clock: systemClock, facts, log: silentLogger, traces, methods: {}, watch: noWatch },
  );
  return runtime.openSession({ id: '000000000000', listener: 'bench', remoteIp: '192.0.2.1' });
}

async function roundMicroseconds(session) {
  const began = performance.now();
  for (let i = 0; i < EVENTS_A_ROUND; i += 1) await session.run('onMailFrom', INPUT);
  return ((performance.now() - began) * 1000) / EVENTS_A_ROUND;
}

async function measure(label, traces) {
  const session = open(traces);
  await roundMicroseconds(session);
  const rounds = [];
  for (let i = 0; i < ROUNDS; i += 1) rounds.push(await roundMicroseconds(session));
  rounds.sort((a, b) => a - b);
  const median = rounds[Math.floor(ROUNDS / 2)];
  const best = rounds[0];
  process.stdout.write(`${label}  median ${median.toFixed(2)} us  best ${best.toFixed(2)} us\n`);
  if (session.value('maxDataSize') !== 51_200) throw new Error('the handler did not take effect');
  return median;
}

const off = await measure('traces off', noTraces);
await measure('traces on ', { write: () => undefined });
process.stdout.write(
  `budget with traces off: ${BUDGET_MICROSECONDS} us, ${off <= BUDGET_MICROSECONDS ? 'kept' : 'exceeded'}\n`,
);
