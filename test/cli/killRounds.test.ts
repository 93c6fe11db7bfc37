import { killRounds } from './killRounds';

// The same rounds each time; the soak draws others.
killRounds(20, 7);
