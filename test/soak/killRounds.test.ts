import { killRounds } from '../cli/killRounds';

killRounds(200, Date.now() % 1_000_000);
