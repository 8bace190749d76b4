// Remoting has a limit for what one message may be, and a user may make it small. A batch that is too large for it becomes several.

namespace Lguest.Net.Frames;

/// <summary>Cuts batches between frames, never within one.</summary>
internal static class FrameSplit
{
    /// <summary>The frames of a batch in batches of at most so many bytes.</summary>
    /// <param name="frames">Stays the caller's.</param>
    /// <param name="most">Bytes of records.</param>
    /// <param name="tooLong">Frames that are too long by themselves, and are in none of them.</param>
    /// <returns>Batches held once, by the caller, in order.</returns>
    public static List<FrameBatch> Into(FrameBatch frames, int most, out int tooLong)
    {
        tooLong = 0;
        var batches = new List<FrameBatch>();
        if (frames.RecordBytes <= most)
        {
            batches.Add(frames.Retain());
            return batches;
        }

        var writer = new FrameBatchWriter();
        foreach (var frame in frames)
        {
            int bytes = FrameBatch.RecordHeader + frame.Length;
            if (bytes > most)
            {
                tooLong++;
                continue;
            }

            if (writer.Count > 0 && writer.Bytes + (writer.Count * FrameBatch.RecordHeader) + bytes > most)
                batches.Add(writer.Take()!);
            writer.Add(frame);
        }

        if (writer.Take() is { } rest)
            batches.Add(rest);
        return batches;
    }
}
