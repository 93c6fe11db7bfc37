import { describeTransfers } from './transferBehaviour';

describeTransfers('containerd');
describeTransfers('newClassic');
