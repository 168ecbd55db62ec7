package org.iscsi4j.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java that the README shows compiles, apart from what it leaves to the reader. */
class ReadmeTest {

  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final String FRAME =
      """
      import static org.assertj.core.api.Assertions.assertThat;
      import java.io.*;
      import java.nio.*;
      import java.time.*;
      import java.util.*;
      import java.util.concurrent.*;
      import java.util.concurrent.atomic.*;
      import org.iscsi4j.api.*;
      import org.iscsi4j.api.access.*;
      import org.iscsi4j.target.*;
      import org.junit.jupiter.api.*;
      abstract class %s {
        interface Initiator { void format(String uri); }
        Initiator myInitiator;
        IscsiServer server;
        IscsiName name;
        Target target;
        LogicalUnit disk;
        LogicalUnit other;
        String secret;
        MemoryDevice device;
        %s
      }
      """;

  @TempDir private Path classes;

  @Test
  void whatTheReadmeShowsCompiles() throws IOException {
    String readme = Files.readString(Path.of("../../README.md"));
    List<String> snippets =
        JAVA.matcher(readme).results().map((MatchResult found) -> found.group(1)).toList();
    assertThat(snippets).hasSize(6);
    List<JavaFileObject> files = new ArrayList<>();
    for (String snippet : snippets) {
      files.add(file("Reader" + files.size(), completed(snippet)));
    }

    assertThat(errors(files)).isEmpty();
  }

  /** With what is left to the reader. */
  private static String completed(String snippet) {
    String code =
        snippet
            .replace("{ ... }", "{ throw new UnsupportedOperationException(); }")
            .replace("\n...\n", "\n");
    boolean declaration = code.startsWith("@Test") || code.startsWith("final class");
    return declaration ? code : "void run() throws Exception {\n" + code + "}\n";
  }

  private static JavaFileObject file(String name, String members) {
    String source = String.format(FRAME, name, members);
    URI uri = URI.create("string:///" + name + ".java");
    return new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return source;
      }
    };
  }

  private String errors(List<JavaFileObject> files) {
    StringWriter errors = new StringWriter();
    List<String> options =
        List.of(
            "-proc:none", "-cp", System.getProperty("java.class.path"), "-d", classes.toString());
    ToolProvider.getSystemJavaCompiler().getTask(errors, null, null, options, null, files).call();
    return errors.toString();
  }
}
