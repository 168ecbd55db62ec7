/** What embedders and storage vendors compile against. Needs nothing but the JDK. */
module org.iscsi4j.api {
  exports org.iscsi4j.api;
  exports org.iscsi4j.api.access;
  exports org.iscsi4j.api.monitor;

  uses org.iscsi4j.api.BlockDeviceProvider;
}
