/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that may be there although nobody has them. */
class LostAnswersTest {
  @TempDir java.nio.file.Path directory;

  @Test
  void fileThatCannotBeDeletedDoesNotKeepTheOthers() throws Exception {
    RawLocalFileSystem files =
        new RawLocalFileSystem() {
          @Override
          public boolean delete(Path path, boolean recursive) throws IOException {
            if (path.getName().equals("kept")) {
              throw new IOException("no right to delete it");
            }
            return super.delete(path, recursive);
          }
        };
    files.initialize(URI.create("file:///"), new Configuration());
    LostAnswers lost = new LostAnswers(new DirectoryMarks(new Path(directory.toUri())));
    for (String name : new String[] {"kept", "other"}) {
      Files.createFile(directory.resolve(name));
      lost.add(new Path(directory.resolve(name).toUri()), directory.toString());
    }
    assertThatThrownBy(() -> lost.clear(files, true)).hasMessageContaining("no right");
    assertThat(directory.resolve("other")).doesNotExist();
    // It is not forgotten.
    assertThatThrownBy(() -> lost.clear(files, true)).hasMessageContaining("no right");
  }
}
