/**
 * The keys that compose-spec knows beside those that are read here. Compose refuses a project with any other, unless it starts
 * with `x-` (`schema/compose-spec.json` of compose-go 2.16.2).
 */

const container: readonly string[] = [
  ...['annotations', 'blkio_config', 'cap_add', 'cap_drop', 'cgroup', 'cgroup_parent', 'command', 'configs'],
  ...['cpu_count', 'cpu_percent', 'cpu_period', 'cpu_quota', 'cpu_rt_period', 'cpu_rt_runtime', 'cpu_shares', 'cpus'],
  ...['cpuset', 'credential_spec', 'device_cgroup_rules', 'devices', 'dns', 'dns_opt', 'dns_search', 'domainname'],
  ...['entrypoint', 'env_file', 'environment', 'extra_hosts', 'gpus', 'group_add', 'hostname', 'init', 'ipc'],
  ...['isolation', 'label_file', 'labels', 'logging', 'mac_address', 'mem_limit', 'mem_reservation', 'mem_swappiness'],
  ...['memswap_limit', 'models', 'network_mode', 'networks', 'oom_kill_disable', 'oom_score_adj', 'pid', 'pids_limit'],
  ...['privileged', 'pull_refresh_after', 'read_only', 'runtime', 'secrets', 'security_opt', 'shm_size'],
  ...['stop_grace_period', 'stop_signal', 'storage_opt', 'sysctls', 'tmpfs', 'ulimits', 'umask', 'use_api_socket'],
  ...['user', 'userns_mode', 'uts', 'volumes_from', 'working_dir'],
];
const workload: readonly string[] = [
  ...container,
  ...['depends_on', 'expose', 'healthcheck', 'ports', 'profiles', 'stdin_open', 'tty'],
];

export const otherKeys = {
  service: [
    ...workload,
    ...[
      'attach',
      'container_name',
      'deploy',
      'develop',
      'external_links',
      'links',
      'post_start',
      'pre_stop',
      'restart',
    ],
    'scale',
  ],
  job: [...workload, 'triggers'],
  hook: [...container, 'per_replica'],
  mount: ['read_only', 'consistency', 'bind', 'volume', 'tmpfs', 'image'],
  provider: ['type', 'options'],
  build: [
    ...['entitlements', 'ssh', 'labels', 'cache_from', 'cache_to', 'no_cache', 'no_cache_filter', 'network', 'pull'],
    ...['target', 'shm_size', 'extra_hosts', 'isolation', 'privileged', 'secrets', 'tags', 'ulimits'],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What a service or a job can be called. */
export const workloadName = /^[a-zA-Z0-9._-]+$/;

/** Longer ones resemble none. */
const longestKey = 40;

/** The one that is most likely meant by a key that is not known. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  if (key.length > longestKey) return undefined;
  const most = Math.min(2, Math.floor(key.length / 3));
  return known
    .map((other) => ({ other, slips: slips(key.toLowerCase().replaceAll('-', '_'), other) }))
    .filter((each) => each.slips <= most)
    .sort((a, b) => a.slips - b.slips)
    .at(0)?.other;
}

/** How many letters are left out, put in, put for another, or exchanged with the next one. */
function slips(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a.charAt(i - 1) === b.charAt(j - 1);
      const isExchanged = i > 1 && j > 1 && a.charAt(i - 1) === b.charAt(j - 2) && a.charAt(i - 2) === b.charAt(j - 1);
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (isSame ? 0 : 1),
          isExchanged ? (before[j - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
