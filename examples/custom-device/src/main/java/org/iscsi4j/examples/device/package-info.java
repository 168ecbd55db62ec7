/** A vendor's device: storage of one's own behind an iSCSI target. */
package org.iscsi4j.examples.device;
