/**
 * A stand-alone iSCSI target over the public API of the library: a command line in, {@link
 * org.iscsi4j.target.IscsiServer} behind it.
 */
package org.iscsi4j.examples.daemon;
