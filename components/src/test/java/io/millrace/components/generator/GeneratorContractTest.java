/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.generator;

import io.millrace.api.DataSize;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.testing.SourceContract;
import io.millrace.components.testing.SourceFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/** Sources that make their events: what is asked for comes, from 0 on after each new build. */
class GeneratorContractTest {
  private abstract static class Generator implements SourceFixture {
    @Override
    public Set<String> offer(List<String> bodies) {
      return new HashSet<>(bodies);
    }

    @Override
    public void flood(List<String> bodies) {}

    @Override
    public boolean isGenerator() {
      return true;
    }

    @Override
    public long maxBytesInFlight() {
      return 1 << 20;
    }
  }

  @Nested
  class Sequence extends SourceContract {
    @Override
    protected SourceFixture fixture(Path directory) {
      return new Generator() {
        @Override
        public Source build(SourceContext context) {
          return new SequenceOptions(100, 20_000, Duration.ofMillis(1), Duration.ofMillis(5))
              .build(context);
        }

        @Override
        public String body(int number) {
          return Integer.toString(number);
        }
      };
    }
  }

  @Nested
  class Stress extends SourceContract {
    @Override
    protected SourceFixture fixture(Path directory) {
      return new Generator() {
        @Override
        public Source build(SourceContext context) {
          return new StressOptions(
                  DataSize.ofBytes(3),
                  20_000,
                  -1,
                  100,
                  0,
                  Duration.ofMillis(1),
                  Duration.ofMillis(5))
              .build(context);
        }

        @Override
        public String body(int number) {
          return "\u007f\u007f\u007f";
        }
      };
    }
  }
}
