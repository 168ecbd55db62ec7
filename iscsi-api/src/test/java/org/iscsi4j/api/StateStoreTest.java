package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateStoreTest {

  @TempDir private Path folder;

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static void keepsTheLastValue(StateStore store) throws IOException {
    assertThat(store.load("disk.mode")).isEmpty();

    byte[] value = bytes(1, 2, 3);
    store.save("disk.mode", value);
    value[0] = 9;
    store.save("disk.other", bytes(7));
    assertThat(store.load("disk.mode").orElseThrow()).containsExactly(1, 2, 3);

    store.save("disk.mode", bytes(4));
    assertThat(store.load("disk.mode").orElseThrow()).containsExactly(4);

    store.load("disk.mode").orElseThrow()[0] = 9;
    assertThat(store.load("disk.mode").orElseThrow()).containsExactly(4);

    store.save("disk.mode", bytes());
    assertThat(store.load("disk.mode")).isEmpty();
    assertThat(store.load("disk.other").orElseThrow()).containsExactly(7);
  }

  @Test
  void memoryKeepsTheLastValue() throws IOException {
    keepsTheLastValue(StateStore.inMemory());
  }

  @Test
  void directoryKeepsTheLastValue() throws IOException {
    keepsTheLastValue(StateStore.inDirectory(folder.resolve("made/on/the/way")));
  }

  @Test
  void directoryIsReadByTheNextStore() throws IOException {
    StateStore.inDirectory(folder).save("a", bytes(1, 2));

    assertThat(StateStore.inDirectory(folder).load("a").orElseThrow()).containsExactly(1, 2);
  }

  @Test
  void whatACrashLeftIsIgnoredAndOverwritten() throws IOException {
    StateStore store = StateStore.inDirectory(folder);
    store.save("a", bytes(1));
    Files.write(folder.resolve("a.new"), bytes(2, 2, 2));

    assertThat(store.load("a").orElseThrow()).containsExactly(1);
    store.save("a", bytes(3));
    assertThat(store.load("a").orElseThrow()).containsExactly(3);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("a.state"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "../a", "a/b", "a b", ".hidden", "a\0"})
  void namesThatAreNoFileNamesAreRefused(String name) throws IOException {
    StateStore directory = StateStore.inDirectory(folder);

    assertThatThrownBy(() -> directory.save(name, bytes(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + name + "'");
    assertThatThrownBy(() -> StateStore.inMemory().load(name))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
