import { killRounds } from '../cli/killRounds';

killRounds(200);
