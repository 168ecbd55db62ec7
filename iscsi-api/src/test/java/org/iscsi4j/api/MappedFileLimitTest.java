package org.iscsi4j.api;

import java.io.IOException;

class MappedFileLimitTest extends FileLimitTest {

  @Override
  LocalFileDevice open(FileDevice.Builder builder) throws IOException {
    return builder.openMapped();
  }
}
