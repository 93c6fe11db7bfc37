import { describeTransfers } from './transferBehaviour';

describeTransfers('debian');
