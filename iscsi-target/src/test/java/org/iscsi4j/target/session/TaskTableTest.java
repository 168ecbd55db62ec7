package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TaskTableTest {

  private final Session session = Sessions.withoutConnection();
  private final TaskTable table = new TaskTable();

  /**
   * How initiators make tags: counted, counted in the high bits, at random, and all in one slot.
   */
  static Stream<Arguments> tags() {
    Map<String, IntUnaryOperator> ways =
        Map.of(
            "counted", i -> i,
            "counted in the high half", i -> i << 16,
            "counted in the highest byte", i -> i << 24 | i >> 8,
            "scattered", i -> i * 0x2545f491,
            "colliding", TaskTableTest::colliding);
    return ways.entrySet().stream().map(way -> Arguments.of(way.getKey(), way.getValue()));
  }

  /** Tags that differ only where a multiplicative hash does not look: multiples of its inverse. */
  private static int colliding(int i) {
    return i * inverse(0x9e3779b9);
  }

  private static int inverse(int odd) {
    int inverse = odd;
    for (int i = 0; i < 5; i++) {
      inverse *= 2 - odd * inverse;
    }
    return inverse;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tags")
  void behavesLikeAMap(String way, IntUnaryOperator tags) {
    Map<Integer, IscsiTask> model = new HashMap<>();
    Random random = new Random(1);
    for (int step = 0; step < 20_000; step++) {
      int tag = tags.applyAsInt(random.nextInt(150));
      if (!model.containsKey(tag) && random.nextInt(3) > 0) {
        IscsiTask task = Sessions.task(session, tag);
        table.add(task);
        model.put(tag, task);
      } else if (model.containsKey(tag) && random.nextInt(3) > 0) {
        table.remove(model.remove(tag));
      }
      int other = tags.applyAsInt(random.nextInt(300));
      assertThat(table.get(other)).isSameAs(model.get(other));
      assertThat(table.size()).isEqualTo(model.size());
    }
    model.forEach((tag, task) -> assertThat(table.get(tag)).isSameAs(task));
    assertThat(table.matching(any -> true)).containsExactlyInAnyOrderElementsOf(model.values());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tags")
  void growsAsFarAsItMust(String way, IntUnaryOperator tags) {
    List<IscsiTask> tasks = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      tasks.add(Sessions.task(session, tags.applyAsInt(i)));
      table.add(tasks.get(i));
    }

    tasks.forEach(task -> assertThat(table.get(task.tag())).isSameAs(task));
    tasks.forEach(table::remove);
    assertThat(table.size()).isZero();
    tasks.forEach(task -> assertThat(table.get(task.tag())).isNull());
  }

  @Test
  void findsThoseThatAreSo() {
    for (int i = 0; i < 10; i++) {
      table.add(Sessions.task(session, i));
    }

    assertThat(table.matching(task -> task.tag() % 3 == 0))
        .extracting(IscsiTask::tag)
        .containsExactlyInAnyOrder(0, 3, 6, 9);
  }
}
