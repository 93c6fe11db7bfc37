import assert from 'node:assert/strict';
import {
  DagLog,
  isChatter,
  isFolderTaken,
  isListening,
  listenFault,
  readCall,
  writeNodeLine,
} from '../../../../src/adapters/geth/gethLog';
import { tellsFullDisk } from '../../../../src/adapters/geth/diskSpace';
import type { Log } from '../../../../src/core/ports/log';

/** Recorded from geth 1.11.6 on real ethash; the generation itself took half an hour. */
const recorded = [
  'INFO [11-24|07:42:11.600] Generating ethash verification cache     epoch=0 percentage=72 elapsed=3.001s',
  'INFO [11-24|07:42:12.731] Generated ethash verification cache      epoch=0 elapsed=4.132s',
  'INFO [11-24|07:42:23.154] Generating DAG in progress               epoch=0 percentage=0 elapsed=11.554s',
  'INFO [11-24|07:42:34.708] Generating DAG in progress               epoch=0 percentage=1 elapsed=23.108s',
  'INFO [11-24|07:42:36.002] Generating ethash verification cache     epoch=1 percentage=55 elapsed=3.004s',
  'INFO [11-24|07:42:38.040] Generated ethash verification cache      epoch=1 elapsed=5.042s',
  'INFO [11-24|08:13:22.902] Generating DAG in progress               epoch=0 percentage=99 elapsed=31m11.302s',
  'INFO [11-24|08:13:32.824] Generated ethash verification cache      epoch=0 elapsed=31m21.224s',
];

describe('the log of geth', () => {
  it('tells how far the DAG is, and when it is done', () => {
    const log = new DagLog();
    const steps = recorded.flatMap((line) => (log.read(line) ? [log.progress] : []));
    assert.deepEqual(
      steps.map((step) => step && [step.epoch, step.percent]),
      [[0, 0], [0, 1], [0, 99], undefined],
    );
  });

  it('says what is left by what this machine took, and nothing before it has been measured', () => {
    const log = new DagLog();
    const left = (percent: number, elapsed: string): number | undefined => {
      const line = `INFO [11-24|07:42:23.154] Generating DAG in progress               epoch=0 percentage=${percent} elapsed=${elapsed}`;
      assert.ok(log.read(line));
      return log.progress?.secondsLeft;
    };
    // The line after each hundredth: 0 is said when the first is done.
    assert.equal(left(0, '10s'), undefined);
    assert.equal(left(1, '20s'), 980);
    assert.equal(left(2, '40s'), 1_455);
    // Of the last ten steps alone: the machine is busy from now on.
    for (let step = 3; step < 14; step++) left(step, `${Math.floor(step / 2)}m${step % 2 === 0 ? 0 : 30}.5s`);
    assert.equal(left(14, '7m0.5s'), 85 * 30);
    assert.equal(left(99, '1h2m3.5s'), 0);
    // Another one begins: nothing is known of it.
    assert.equal(left(0, '9.5s'), undefined);
  });

  it('does not take the cache of the same epoch for the end of the DAG', () => {
    const log = new DagLog();
    const lines = [
      'INFO [11-24|07:52:23.154] Generating DAG in progress               epoch=1 percentage=40 elapsed=1m40.2s',
      'INFO [11-24|07:52:28.154] Generated ethash verification cache      epoch=1 elapsed=5.042s',
    ];
    for (const line of lines) log.read(line);
    assert.equal(log.progress?.percent, 40);
    log.read('INFO [11-24|07:58:28.154] Generated ethash verification cache      epoch=1 elapsed=4m10.3s');
    assert.equal(log.progress, undefined);
  });

  it('follows a whole generation with two threads and the next one in advance, as recorded', () => {
    const log = new DagLog();
    const seen = [
      'INFO [12-01|00:57:21.869] Commit new sealing work                  number=1 sealhash=16f348..d7c333 uncles=0 txs=0 gas=0 fees=0 elapsed="595.732µs"',
      'INFO [12-01|00:57:28.271] Generating DAG in progress               epoch=0 percentage=0 elapsed=5.578s',
      'INFO [12-01|01:13:11.471] Generating DAG in progress               epoch=0 percentage=99 elapsed=15m48.778s',
      'INFO [12-01|01:13:11.476] Generated ethash verification cache      epoch=0 elapsed=15m48.784s',
      'INFO [12-01|01:13:18.830] Commit new sealing work                  number=3 sealhash=0a78ac..75f23e uncles=0 txs=0 gas=0 fees=0 elapsed="478.343µs"',
      'INFO [12-01|01:13:21.538] Generating DAG in progress               epoch=1 percentage=0  elapsed=8.772s',
    ].map((line) => {
      log.read(line);
      return [log.progress?.epoch, log.progress?.percent, log.isNeeded];
    });
    const none = [undefined, undefined, false];
    assert.deepEqual(seen, [none, [0, 0, true], [0, 99, true], none, none, [1, 0, false]]);
  });

  it('tells a DAG that the next block needs from one that is made in advance', () => {
    const log = new DagLog();
    const step = (epoch: number): boolean => {
      log.read(`INFO [11-24|07:52:23.154] Generating DAG in progress  epoch=${epoch} percentage=40 elapsed=1m40.2s`);
      return log.isNeeded;
    };
    assert.equal(log.isNeeded, false);
    assert.equal(step(0), true);
    const work = (number: string): boolean =>
      log.read(`INFO [11-24|07:52:23.154] Commit new sealing work                  number=${number} sealhash=b1f3..`);
    work('4');
    assert.deepEqual([step(0), step(1)], [true, false]);
    work('29,999');
    assert.equal(step(1), false);
    work('30,000');
    assert.deepEqual([step(1), step(2)], [true, false]);
  });

  it('tells it of core-geth, whose lines have one field more', () => {
    const log = new DagLog();
    assert.ok(
      log.read(
        'INFO [11-24|07:42:23.154] Generating DAG in progress  epoch=2 epochLength=60000 percentage=17 elapsed=11.5s',
      ),
    );
    assert.deepEqual([log.progress?.epoch, log.progress?.percent], [2, 17]);
  });

  it('says nothing of the dataset of a development network, which takes no time', () => {
    const log = new DagLog();
    const line =
      'INFO [11-24|10:59:01.113] Generating DAG in progress               epoch=0 percentage=98 elapsed=9.132ms';
    assert.ok(!log.read(line));
    assert.equal(log.progress, undefined);
  });

  it('says nothing of what may be over without a word, because it takes less than 4 s', () => {
    const log = new DagLog();
    const line = (elapsed: string): string =>
      `INFO [11-24|10:59:01.113] Generating DAG in progress               epoch=0 percentage=49 elapsed=${elapsed}`;
    for (const elapsed of ['1s', '1.047s', '3.002s', '730µs']) assert.ok(!log.read(line(elapsed)), elapsed);
    for (const elapsed of ['4.5s', '31.5s', '1m0.5s']) assert.ok(log.read(line(elapsed)), elapsed);
  });

  it('tells that the disk is full, in its own words and in those of each system', () => {
    for (const line of [
      'ERROR[11-30|17:52:31.459] Low disk space. Gracefully shutting down Geth to prevent database corruption. available=88.00KiB path=/tmp/n/node/geth',
      'CRIT [11-30|17:52:31.459] Failed to store block body               err="write /tmp/n/000001.log: no space left on device"',
      'CRIT [11-30|17:52:31.459] Failed to store block body               err="write C:\\n\\000001.log: There is not enough space on the disk."',
      'Fatal: Failed to write genesis block: write /tmp/n/000001.log: disk quota exceeded',
    ]) {
      assert.ok(tellsFullDisk([...recorded, line, ...recorded]), line);
    }
    // Recorded with 70 MB free, with which it runs.
    const warning =
      'WARN [11-30|17:52:19.893] Disk space is running low. Geth will shutdown if disk space runs below critical level. available=69.79MiB critical_level=64.00MiB path=/tmp/n/node/geth';
    assert.ok(!tellsFullDisk([...recorded, warning]));
  });

  it('says when the node listens and when its folder is taken', () => {
    assert.ok(
      isListening('INFO [11-24|10:17:58.842] IPC endpoint opened                      url=/tmp/daochain-CdCD72/ipc'),
    );
    assert.ok(
      !isListening('INFO [11-24|10:18:01.719] IPC endpoint closed                      url=/tmp/daochain-CdCD72/ipc'),
    );
    assert.ok(isFolderTaken(['Fatal: Failed to create the protocol stack: datadir already used by another process']));
    assert.ok(!isFolderTaken(recorded));
  });

  it('keeps its levels', () => {
    const got: string[] = [];
    const take =
      (level: string) =>
      (line: string): void =>
        void got.push(`${level} ${line.slice(0, 4)}`);
    const log: Log = { debug: take('debug'), info: take('info'), warn: take('warn'), error: take('error') };
    for (const line of ['INFO [1] a', 'WARN [1] b', 'ERROR[1] c', 'CRIT [1] d', 'Fatal: e', 'panic: f'])
      writeNodeLine(log, line);
    assert.deepEqual(got, ['info INFO', 'warn WARN', 'error ERRO', 'error CRIT', 'error Fata', 'info pani']);
  });

  it('tells what comes of each call to a hub', () => {
    // Recorded from geth 1.11.6 between four machines.
    const at = (what: string, fields: string): unknown =>
      readCall(`TRACE[12-01|01:16:12.010] ${what.padEnd(40)} ${fields}`);
    const address = '10.77.0.1:30303';
    const failed = `id=af1fc89ed00960fb addr=${address} conn=staticdial err`;
    assert.deepEqual(at('Dial error', `${failed}="connect: no route to host"`), { address, outcome: 'unreachable' });
    assert.deepEqual(at('Failed p2p handshake', `${failed}="too many peers"`), { address, outcome: 'notAdmitted' });
    assert.deepEqual(at('Failed p2p handshake', `${failed}="useless peer"`), { address, outcome: 'refused' });
    assert.deepEqual(at('Failed RLPx handshake', `addr=${address} conn=staticdial err=EOF`), {
      address,
      outcome: 'otherAnswer',
    });
    const added = 'peercount=1 id=af1fc89ed00960fb conn=trusted-staticdial addr=[fd00::1]:30303 name=Geth/v1.11.6...';
    assert.deepEqual(readCall(`DEBUG[12-01|01:16:47.014] Adding p2p peer             ${added}`), {
      address: '[fd00::1]:30303',
      outcome: 'connected',
    });
  });

  it('learns nothing of hubs from those who call here, or from the names that they give themselves', () => {
    for (const line of [
      'TRACE[12-01|01:16:12.036] Rejected peer                 id=ef addr=10.77.0.2:37124 conn=inbound err="too many peers"',
      'TRACE[12-01|01:16:47.844] Failed RLPx handshake         addr=10.77.0.3:57482 conn=inbound err="ecies: invalid message"',
      'DEBUG[12-01|01:16:47.014] Adding p2p peer               peercount=1 id=ef conn=inbound addr=1.2.3.4:5 name="x conn=staticdial y"',
      'INFO [12-01|01:16:47.014] Adding p2p peer               peercount=1 id=ef conn=staticdial addr=1.2.3.4:5 name=x',
    ])
      assert.equal(readCall(line), undefined, line);
    assert.ok(isChatter('TRACE[12-01|01:16:12.036] Rejected peer'));
    assert.ok(!isChatter('INFO [12-01|01:16:12.036] Imported new chain segment'));
  });

  it('tells why an address cannot be listened at', () => {
    const fatal = (address: string, what: string): string =>
      `Fatal: Error starting protocol stack: listen tcp ${address}: bind: ${what}`;
    assert.deepEqual(listenFault([fatal('10.0.0.1:30303', 'address already in use')]), {
      reason: 'addressTaken',
      address: '10.0.0.1:30303',
    });
    assert.deepEqual(listenFault([fatal('[fd00::1]:30303', 'cannot assign requested address')]), {
      reason: 'addressGone',
      address: '[fd00::1]:30303',
    });
    assert.equal(listenFault(['Fatal: Error starting protocol stack: datadir already used']), undefined);
  });
});
