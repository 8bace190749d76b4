// The address table of a switch: the station where each address was last seen. Senders write it, so it is limited, and a station that
// invents addresses by the million pushes out only its own.
//
//J:Net:115 A bounded memory
// Each station's addresses form a list, the one seen longest ago in front. A station that is at its limit gives up the head of its own
// list. If the whole table is full, a station with nothing to give up takes from the one that has most: so a quiet station with few
// addresses always finds room. What is forgotten too early costs nothing but a frame sent to everybody, which brings the answer that
// teaches it again.

using System.Diagnostics.CodeAnalysis;
using Lguest.Net.Frames;

namespace Lguest.Net.Lans;

/// <summary>Addresses and the stations behind which they are. Times are nanoseconds of any clock that does not go back.</summary>
/// <param name="capacity">Entries in all.</param>
/// <param name="capacityPerStation">Entries of one station.</param>
/// <param name="age">How long an entry lives after its address was last seen, in nanoseconds.</param>
internal sealed class AddressTable(int capacity, int capacityPerStation, long age)
{
    private readonly Dictionary<MacAddress, LinkedListNode<Entry>> _entries = [];

    /// <summary>Entries at present, those that nobody has asked about since they grew too old included.</summary>
    public int Count => _entries.Count;

    /// <summary>Notes that an address was seen as the source of a frame.</summary>
    public void Learn(MacAddress address, Station station, long now)
    {
        if (_entries.TryGetValue(address, out var node))
        {
            var entry = node.Value;
            // An address that was given to a port stays there while the port does: nobody takes another's by sending in its name.
            if (entry.IsFixed)
                return;
            entry.Station.Addresses.Remove(node);
            if (entry.Station != station && station.Addresses.Count >= capacityPerStation)
                ForgetOldest(station);
            entry.Station = station;
            entry.Seen = now;
            station.Addresses.AddLast(node);
        }
        else if (MakeRoom(station))
        {
            Add(new Entry(address, station) { Seen = now });
        }
    }

    /// <summary>Notes that an address belongs to a station as long as that is there.</summary>
    public void Fix(MacAddress address, Station station)
    {
        if (_entries.TryGetValue(address, out var node))
            Forget(node);
        if (MakeRoom(station))
            Add(new Entry(address, station) { IsFixed = true });
    }

    /// <summary>Where an address was seen; false if nowhere, or too long ago.</summary>
    public bool TryFind(MacAddress address, long now, [NotNullWhen(true)] out Station? station)
    {
        station = null;
        if (!_entries.TryGetValue(address, out var node))
            return false;
        if (!node.Value.IsFixed && now - node.Value.Seen > age)
        {
            Forget(node);
            return false;
        }

        station = node.Value.Station;
        return true;
    }

    /// <summary>The station is gone, and what was behind it too.</summary>
    public void Forget(Station station)
    {
        while (station.Addresses.First is { } node)
            Forget(node);
    }

    private void Add(Entry entry) => _entries.Add(entry.Address, entry.Station.Addresses.AddLast(entry));

    private void Forget(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Address);
        node.Value.Station.Addresses.Remove(node);
    }

    /// <summary>True if there is room for one more of this station's addresses, at the cost of an older one where need be.</summary>
    private bool MakeRoom(Station station)
    {
        if (station.Addresses.Count >= capacityPerStation)
            return ForgetOldest(station);
        if (_entries.Count < capacity || ForgetOldest(station))
            return true;

        // The table is full and this station has nothing in it to give up: the one with the most entries does.
        var largest = _entries.Values.Select(node => node.Value.Station).Distinct().MaxBy(one => one.Addresses.Count);
        return largest is not null && ForgetOldest(largest);
    }

    private bool ForgetOldest(Station station)
    {
        for (var node = station.Addresses.First; node is not null; node = node.Next)
        {
            if (node.Value.IsFixed)
                continue;
            Forget(node);
            return true;
        }

        return false;
    }

    /// <summary>One remembered address.</summary>
    internal sealed class Entry(MacAddress address, Station station)
    {
        public MacAddress Address { get; } = address;

        public Station Station { get; set; } = station;

        public long Seen { get; set; }

        public bool IsFixed { get; init; }
    }
}
