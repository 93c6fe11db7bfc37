import { describeEngine } from './engineBehaviour';

describeEngine('debian');
