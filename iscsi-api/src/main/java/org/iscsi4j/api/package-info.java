/**
 * What an embedder wires and a vendor implements: {@link org.iscsi4j.api.BlockDevice} moves bytes,
 * a {@link org.iscsi4j.api.LogicalUnit} presents a device as a disk with an identity, a {@link
 * org.iscsi4j.api.Target} names a set of logical units. None of these types speaks SCSI or iSCSI.
 *
 * <p>Devices to start with: {@link org.iscsi4j.api.MemoryDevice}, {@link
 * org.iscsi4j.api.FileDevice}, {@link org.iscsi4j.api.MappedFileDevice} and {@link
 * org.iscsi4j.api.RawDevice}; {@link org.iscsi4j.api.BlockDevices} opens them from a line of text.
 *
 * <p>Null does not cross a public method of this package.
 */
package org.iscsi4j.api;
