/**
 * Loaded into Haraka's process before Haraka: sends its DNS questions to the bench's server, and
 * answers the bench's own questions.
 *
 * Haraka and its plugins ask through node:dns, partly by its functions and partly by resolvers of
 * their own, which start with the system's servers; there is no setting for another port.
 */
const dns = require('node:dns');
const { connect } = require('node:net');

const { POSTERN_BENCH_DNS, POSTERN_BENCH_PORT, POSTERN_BENCH_COUNTS } = process.env;
const counts = require(POSTERN_BENCH_COUNTS);
const LOOK_MS = 50;

dns.setServers([POSTERN_BENCH_DNS]);
for (const owner of [dns, dns.promises]) {
  owner.Resolver = class extends owner.Resolver {
    constructor(options) {
      super(options);
      this.setServers([POSTERN_BENCH_DNS]);
    }
  };
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Once it listens. */
async function port() {
  while (!(await accepts(Number(POSTERN_BENCH_PORT)))) {
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
    });
  }
  return Number(POSTERN_BENCH_PORT);
}

import('../../inbound/answers.mjs').then(({ answer }) => answer({ port, counts: () => counts }));
