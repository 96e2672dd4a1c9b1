/**
 * The thread that owns the database handle.
 *
 * SQLite calls block until the disk has answered, so they run here and not on the thread that
 * serves sockets. One message in is one batch, one message out its reply, octets transferred in
 * both directions. Anything thrown ends the thread; channel.ts tells the callers.
 *
 * Started by: sqlite/channel with DatabaseOptions as `workerData`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { InvariantError } from '../../core/errors.js';
import { noSteps } from '../steps.js';
import { openDatabase, type DatabaseOptions } from './database.js';
import { packBlobs, type Request } from './protocol.js';

if (!parentPort) throw new InvariantError('ERR_INVARIANT', { detail: { reason: 'not started as a thread' } });

const port = parentPort;
const database = openDatabase(workerData as DatabaseOptions, noSteps);

port.on('message', (batch: readonly Request[] | 'close') => {
  if (batch === 'close') {
    database.close();
    port.close();
    return;
  }
  const reply = database.run(batch);
  const packed = packBlobs(reply.answers);
  port.postMessage({ ...reply, answers: packed.items }, [packed.buffer]);
});
