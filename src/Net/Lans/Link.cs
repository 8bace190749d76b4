// A link in one direction. It holds no frames, it only decides: whether a frame is dropped, when it arrives, whether twice, and with which
// bit flipped. So a link is a few numbers, and a test can run a million frames through it quickly.
//
//J:Net:120 A link decides
// A frame's fate is drawn in a fixed order. First it may be lost. Then the rate has its say: the link keeps the moment at which everything
// it has accepted will have been sent, and a frame that would wait behind more than the queue holds is dropped at the tail. Then come delay
// and jitter, which never change the order of frames; overtaking is a wish of its own (reorder), granted by letting a frame pass without
// its delay. Each kind of misfortune draws from its own stream of numbers, so that a topology which turns jitter on still loses the same
// frames as before.

using Lguest.Machine;

namespace Lguest.Net.Lans;

/// <summary>One direction of a cable. Times are nanoseconds of any clock that does not go back.</summary>
internal sealed class Link
{
    private const int BitsPerByte = 8;
    private readonly LinkSettings _settings;
    private readonly long _delay;
    private readonly long _jitter;
    private readonly double _nanosecondsPerByte;
    private readonly long _burst;
    private Chance _loss;
    private Chance _duplicate;
    private Chance _reorder;
    private Chance _corrupt;
    private Chance _jitters;
    private long _free = long.MinValue / 2;
    private long _latest = long.MinValue;

    /// <param name="settings">Without a <see cref="LinkSettings.Problem"/>.</param>
    /// <param name="name">Names the direction, such as "lan/port/in": links of one seed must not lose their frames in step.</param>
    public Link(LinkSettings settings, string name)
    {
        _settings = settings;
        _delay = Nanoseconds.Of(settings.Delay);
        _jitter = Nanoseconds.Of(settings.Jitter);
        _nanosecondsPerByte = settings.Rate == 0 ? 0 : BitsPerByte * (double)Nanoseconds.PerSecond / settings.Rate;
        _burst = (long)(settings.Burst * _nanosecondsPerByte);
        _loss = new Chance(settings.Seed, name + "/loss");
        _duplicate = new Chance(settings.Seed, name + "/duplicate");
        _reorder = new Chance(settings.Seed, name + "/reorder");
        _corrupt = new Chance(settings.Seed, name + "/corrupt");
        _jitters = new Chance(settings.Seed, name + "/jitter");
    }

    /// <summary>What its frames that are under way take, in bytes; kept by the switch.</summary>
    public int Held { get; set; }

    /// <summary>The link of these settings, or null for a perfect one, which need not be asked.</summary>
    public static Link? Of(LinkSettings settings, string name) => settings.IsPerfect ? null : new Link(settings, name);

    /// <summary>Decides about the next frame.</summary>
    /// <param name="length">Its bytes.</param>
    /// <param name="now">When it enters the link.</param>
    public LinkFate Pass(int length, long now)
    {
        if (_loss.Happens(_settings.Loss))
            return LinkFate.Dropped(DropReason.Loss);
        long departure = now;
        if (_settings.Rate > 0)
        {
            long waiting = _free - _burst - now;
            if (waiting > 0 && (waiting / _nanosecondsPerByte) + length > _settings.Queue)
                return LinkFate.Dropped(DropReason.QueueFull);
            _free = Math.Max(_free, now) + (long)(length * _nanosecondsPerByte);
            departure = Math.Max(now, _free - _burst);
        }

        long due = departure;
        if (!_reorder.Happens(_settings.Reorder))
            _latest = due = Math.Max(_latest, departure + _delay + _jitters.Around(_jitter));
        int copies = _duplicate.Happens(_settings.Duplicate) ? 2 : 1;
        int? bit = length > 0 && _corrupt.Happens(_settings.Corrupt) ? _corrupt.Below(length * BitsPerByte) : null;
        return new LinkFate(null, due, copies, bit);
    }
}
