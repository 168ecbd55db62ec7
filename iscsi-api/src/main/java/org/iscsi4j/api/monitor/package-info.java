/**
 * What is going on in a server, as it stood at one moment: immutable values that may be kept and
 * compared. A rate is the difference of two of them, see {@link
 * org.iscsi4j.api.monitor.UnitStatistics#minus}.
 *
 * <p>Times are in nanoseconds, data in bytes, both unless said otherwise. The values of a snapshot
 * are gathered while commands go on: each is right, but two of them may be a few commands apart.
 *
 * <p>Null does not cross a public method of this package.
 */
package org.iscsi4j.api.monitor;
