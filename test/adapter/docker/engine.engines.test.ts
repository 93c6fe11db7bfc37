import { describeEngine } from './engineBehaviour';

describeEngine('containerd');
describeEngine('newClassic');
