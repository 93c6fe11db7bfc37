import { killRounds } from './killRounds';

killRounds(20);
