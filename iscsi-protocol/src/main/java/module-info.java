/** iSCSI on the wire. Needs nothing but the JDK; knows no SCSI and no socket's life cycle. */
module org.iscsi4j.protocol {
  exports org.iscsi4j.protocol;
}
