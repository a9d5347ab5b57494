/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.codec.UndecodableException;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.SegmentFeatures;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.recovery.SegmentChain;
import io.millrace.journal.recovery.SegmentFacts;
import io.millrace.journal.segment.SegmentFile;
import io.millrace.journal.segment.SegmentReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Opens a frame of each sealed segment before anything is served: without the right key all of them
 * would count as damaged. One frame tells, as a segment is sealed with one key. Confined to the
 * thread that opens the journal.
 */
final class SealCheck {
  private final PayloadCodec codec;
  private final Path directory;
  private final Map<String, SegmentFile> files;

  SealCheck(PayloadCodec codec, Path directory, Map<String, SegmentFile> files) {
    this.codec = codec;
    this.directory = directory;
    this.files = files;
  }

  /** Throws when a key is missing or wrong. */
  void run(SegmentChain chain) throws IOException {
    for (SegmentChain.Link link : chain.live()) {
      SegmentFacts facts = link.segment();
      if ((facts.features() & SegmentFeatures.SEALED) != 0) {
        SegmentFile file = files.get(facts.name());
        try {
          openOneFrame(new SegmentReader(file, facts.use()));
        } catch (UndecodableException e) {
          throw refusal(facts, e);
        } finally {
          file.close();
        }
      }
    }
  }

  private void openOneFrame(SegmentReader reader) throws IOException, UndecodableException {
    FrameHeader header = reader.findHeader(SegmentHeaderLayout.BLOCK_BYTES);
    while (header != null) {
      byte[] stored = reader.payload(header);
      if (stored != null && header.keyId() != 0) {
        codec.decode(header.codec(), header.keyId(), stored, header.recordCount());
        return;
      }
      header = reader.findHeader(header.endPosition());
    }
  }

  private JournalException refusal(SegmentFacts facts, UndecodableException e) {
    JournalException.Code code =
        switch (e.reason()) {
          case KEY_MISSING -> JournalException.Code.KEY_MISSING;
          case KEY_WRONG -> JournalException.Code.KEY_WRONG;
          case MALFORMED -> JournalException.Code.FORMAT_NEWER;
        };
    return new JournalException(
        code,
        directory.resolve(facts.name())
            + " can't be read: "
            + e.getMessage()
            + ". No event was touched, the journal is not opened.",
        e);
  }
}
