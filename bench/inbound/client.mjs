/**
 * One SMTP client of the load generator: raw octets out, replies counted, nothing parsed that need not be.
 *
 * An exchange is `{ send, replies }`: octets to write, and how many replies to wait for before the
 * next one; the connection is closed after the last. A reply other than 2yz and 3yz, or an end in
 * between, fails the run.
 *
 * Callers: load.mjs here and in ../policy.
 */
import { connect } from 'node:net';

const LF = 0x0a;
const BLANK = 0x20;
const THREE = 0x33;

/**
 * Resolves when the iterator of exchanges is at its end and the connection is closed. `header` is
 * sent before the greeting is awaited, as a proxy does.
 */
export function converse(port, exchanges, header) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    if (header !== undefined) socket.write(header);
    // The greeting.
    let awaited = 1;
    let isOver = false;
    let partial;

    const fail = (reason) => {
      socket.destroy();
      reject(new Error(reason));
    };
    const proceed = () => {
      const { done, value } = exchanges.next();
      if (done) {
        isOver = true;
        socket.end();
        return;
      }
      awaited = value.replies;
      socket.write(value.send);
    };
    socket.on('data', (chunk) => {
      const octets = partial === undefined ? chunk : Buffer.concat([partial, chunk]);
      let start = 0;
      for (let lf = octets.indexOf(LF); lf >= 0; lf = octets.indexOf(LF, start)) {
        if (octets[start] > THREE) return fail(`refused: ${octets.toString('latin1', start, lf)}`);
        if (octets[start + 3] === BLANK) awaited -= 1;
        start = lf + 1;
      }
      partial = start < octets.length ? octets.subarray(start) : undefined;
      if (awaited === 0 && !isOver) proceed();
    });
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => (isOver ? resolve() : fail('the server closed the connection')));
  });
}
