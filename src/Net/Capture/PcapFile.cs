// A pcap file on a disk that may fill up. An analyser cannot read past a partial record, so at the first error the file is cut back to its
// last whole record, and nothing more is written. A Guest that is started again, here or by another process, goes on in the file that its
// last life has left, after its last whole record; what is no recording is left as it is.

using Lguest.Net.Files;

namespace Lguest.Net.Capture;

/// <summary>Appends records to one pcap file. One thread at a time.</summary>
/// <param name="file">The file, at its end, without a buffer of its own. Owned.</param>
/// <param name="failed">Told once why it is given up.</param>
internal sealed class PcapFile(Stream file, Action<Exception> failed) : IDisposable
{
    private bool _given;

    /// <summary>Opens a file, which goes on after the records that it has.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="failed">Told once why it is given up.</param>
    /// <returns>The file; null, and it is told, if it cannot be opened.</returns>
    public static PcapFile? Open(string path, Action<Exception> failed)
    {
        PcapFile? pcap = null;
        try
        {
            pcap = new PcapFile(OutputFile.Append(path, FileAccess.ReadWrite), failed);
            pcap.Begin();
            return pcap;
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            pcap?.Dispose();
            failed(problem);
            return null;
        }
    }

    /// <summary>Goes to the end of the file's last whole record, cuts off what is behind it, and writes the header where there is none
    /// yet.</summary>
    /// <exception cref="IOException">It holds something else than a recording, or cannot be read.</exception>
    public void Begin()
    {
        if (file.CanSeek && file.Length > 0)
        {
            long whole = PcapFormat.WholeFile(file);
            if (whole < file.Length)
                file.SetLength(whole);
            if (whole > 0)
                return;
        }

        byte[] header = new byte[PcapFormat.FileHeader];
        PcapFormat.WriteFileHeader(header);
        Write(header, _ => 0);
    }

    /// <summary>Appends whole records.</summary>
    public void Append(byte[] records) => Write(records, written => PcapFormat.WholeRecords(records, written));

    public void Dispose()
    {
        _given = true;
        try
        {
            file.Dispose();
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            // All that could be written has been.
        }
    }

    /// <param name="bytes">What to write.</param>
    /// <param name="whole">How much of it is to stay, if only so much could be written.</param>
    private void Write(byte[] bytes, Func<long, long> whole)
    {
        if (_given)
            return;
        long start = -1;
        try
        {
            // Another writer, as of the Guest's last life, may have written since.
            if (file.CanSeek)
                start = file.Seek(0, SeekOrigin.End);
            file.Write(bytes);
            file.Flush();
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            CutBack(start, whole);
            Dispose();
            failed(problem);
        }
    }

    /// <param name="start">Where what was written begins; -1 if there is no such place, or it is not known.</param>
    /// <param name="whole">How much of what is after it is to stay.</param>
    private void CutBack(long start, Func<long, long> whole)
    {
        try
        {
            if (start >= 0)
                file.SetLength(start + whole(file.Length - start));
        }
        catch (Exception problem) when (FileFault.InUse(problem) || problem is ArgumentException or NotSupportedException)
        {
            // A pipe or a device has no end that could be moved.
        }
    }
}
