package org.iscsi4j.examples.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WordsTest {

  @Test
  void blanksSeparateAndQuotesHold() {
    assertThat(Words.of(" LIST\t\"a b\"  'c \\ d' e\\ f \"\" "))
        .containsExactly("LIST", "a b", "c \\ d", "e f", "");
  }

  @Test
  void quotesMayBeginInsideAWord() {
    assertThat(Words.of("NO\"OP\"")).containsExactly("NOOP");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"open", "'open", "a\\"})
  void whatIsNotClosedIsNoLine(String line) {
    assertThatThrownBy(() -> Words.of(line)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "with blank", "a\"quote", "back\\slash", "it's"})
  void aQuotedWordIsReadAsItWas(String word) {
    assertThat(Words.of(Words.quote(word))).containsExactly(word);
  }

  @Test
  void aQuotedWordIsOneLine() {
    assertThat(Words.quote("a\r\nOK LIST")).isEqualTo("\"a  OK LIST\"");
  }
}
