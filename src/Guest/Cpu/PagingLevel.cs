// Which kind of paging entry a walk is looking at.
namespace Lguest.Guest.Cpu;

/// <summary>Level of a paging-structure entry (Intel SDM vol. 3, ch. 4).</summary>
public enum PagingLevel : byte
{
    /// <summary>No table: paging is off, the entry is the page-aligned address itself with its low bits 7.</summary>
    Linear,

    /// <summary>Page-directory-pointer-table entry (PAE).</summary>
    DirectoryPointer,

    /// <summary>Page-directory entry that refers to a page table (in PAE: lguest's page middle directory).</summary>
    Directory,

    /// <summary>Page-directory entry that maps a large page (PS set, and CR4.PSE or PAE on).</summary>
    LargePage,

    /// <summary>Page-table entry.</summary>
    Table,
}
